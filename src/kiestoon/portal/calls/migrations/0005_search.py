"""What searches need: numbers and users by time, SIP Call-IDs, names by any part, and who read a number."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.fields.json
from django.conf import settings
from django.db import migrations, models

NAMES = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE INDEX phones_telephoneuser_name_part ON phones_telephoneuser USING gin (upper(name) gin_trgm_ops);
CREATE INDEX customers_customer_name_part ON customers_customer USING gin (upper(name) gin_trgm_ops);
"""
NO_NAMES = "DROP INDEX phones_telephoneuser_name_part; DROP INDEX customers_customer_name_part;"

APPEND_ONLY = """
CREATE FUNCTION calls_only_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'rows of % are added only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER only_added BEFORE UPDATE OR DELETE ON calls_callnumbershown
  FOR EACH ROW EXECUTE FUNCTION calls_only_added();
"""
NOT_APPEND_ONLY = "DROP TRIGGER only_added ON calls_callnumbershown; DROP FUNCTION calls_only_added();"


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0004_parties"),
        ("customers", "0001_initial"),
        ("people", "0001_initial"),
        ("phones", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="CallNumberShown",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("call_id", models.TextField(db_collation="C")),
                ("shown_at", models.DateTimeField()),
                ("person", models.ForeignKey(
                    on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                )),
            ],
        ),
        migrations.AddIndex(
            "callnumbershown",
            models.Index(fields=["call_id", "person", "shown_at"], name="shown_call_person"),
        ),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RemoveIndex("call", "calls_from"),
        migrations.RemoveIndex("call", "calls_to"),
        migrations.RemoveIndex("call", "calls_forwarded"),
        migrations.AddIndex("call", models.Index(fields=["from_number", "started_at"], name="calls_from_time")),
        migrations.AddIndex("call", models.Index(fields=["to_number", "started_at"], name="calls_to_time")),
        migrations.AddIndex("call", models.Index(
            fields=["forwarded_from", "started_at"], name="calls_forwarded_time",
            condition=models.Q(forwarded_from__isnull=False),
        )),
        migrations.AddIndex("call", models.Index(
            fields=["username", "started_at"], name="calls_user_time",
            condition=models.Q(username__isnull=False),
        )),
        migrations.AddIndex("call", models.Index(
            fields=["started_at"], name="calls_emergency", condition=models.Q(emergency_class__isnull=False),
        )),
        migrations.AddIndex("call", django.contrib.postgres.indexes.HashIndex(
            django.db.models.fields.json.KeyTextTransform(0, "sip_call_ids"), name="calls_sip_call_id",
        )),
        migrations.RunSQL(NAMES, NO_NAMES),
    ]
