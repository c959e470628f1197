from django.db import migrations

CREATE = """
CREATE FUNCTION number_counts_count_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a count is as it was taken: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER number_counts_count_append_only BEFORE UPDATE OR DELETE ON number_counts_count
    FOR EACH ROW EXECUTE FUNCTION number_counts_count_refuse();
"""

DROP = """
DROP TRIGGER number_counts_count_append_only ON number_counts_count;
DROP FUNCTION number_counts_count_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [('number_counts', '0001_initial')]

    operations = [migrations.RunSQL(CREATE, DROP)]
