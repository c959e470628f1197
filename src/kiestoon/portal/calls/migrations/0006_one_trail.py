"""Who read a number stands in the audit log; called customers are indexed where they are another than the caller's."""

from django.db import migrations, models

ADDED_ONLY = "DROP TRIGGER only_added ON calls_callnumbershown; DROP FUNCTION calls_only_added();"


class Migration(migrations.Migration):
    dependencies = [("calls", "0005_search")]

    operations = [
        migrations.RunSQL(ADDED_ONLY, migrations.RunSQL.noop),
        migrations.DeleteModel("CallNumberShown"),
        migrations.RemoveIndex("call", "calls_called_customer"),
        migrations.AddIndex("call", models.Index(
            fields=["called_customer_id", "started_at"], name="calls_called_other",
            condition=models.Q(called_customer_id__lt=models.F("customer_id"))
            | models.Q(called_customer_id__gt=models.F("customer_id")),
        )),
    ]
