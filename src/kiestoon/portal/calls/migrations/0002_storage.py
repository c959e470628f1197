"""No pattern index (Django adds one to each textual key), and calls kept uncompressed."""

from django.db import migrations

DROP = r"""
DO $$ DECLARE name text; BEGIN
  FOR name IN SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()
    AND tablename IN ('calls_call', 'calls_segment') AND indexname LIKE '%\_like'
  LOOP EXECUTE format('DROP INDEX %I', name); END LOOP;
END $$;
-- A call is 1 to 2 kB: compressing it costs more than it saves.
ALTER TABLE calls_call SET (toast_tuple_target = 8160);
-- Nobody searches in these: no statistics of them (sampling JSON is what autovacuum spends its time on).
ALTER TABLE calls_call ALTER events SET STATISTICS 0, ALTER stages SET STATISTICS 0,
  ALTER anomalies SET STATISTICS 0, ALTER sip_call_ids SET STATISTICS 0;
"""


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial")]
    operations = [migrations.RunSQL(DROP, migrations.RunSQL.noop)]
