"""Who read a number stands in the audit log; what searches need under row-level security."""

import django.contrib.postgres.indexes
import django.db.models.fields.json
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
        migrations.RemoveIndex("call", "calls_sip_call_id"),
        migrations.AddField("call", "sip_call_id", models.GeneratedField(
            expression=django.db.models.fields.json.KeyTextTransform(0, "sip_call_ids"),
            output_field=models.TextField(null=True), db_persist=True,
        )),
        migrations.AddIndex("call", django.contrib.postgres.indexes.HashIndex(
            fields=["sip_call_id"], name="calls_first_sip_call_id"
        )),
    ]
