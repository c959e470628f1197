from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_packets")]

    operations = [
        migrations.AddField("call", "calling_customer_id", models.BigIntegerField(null=True)),
        migrations.AddField("call", "withheld", models.BooleanField(null=True)),
    ]
