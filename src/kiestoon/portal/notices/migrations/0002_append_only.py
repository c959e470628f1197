from django.db import migrations

CREATE = """
CREATE FUNCTION notices_acceptance_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'acceptances are evidence: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER notices_acceptance_append_only BEFORE UPDATE OR DELETE ON notices_acceptance
    FOR EACH ROW EXECUTE FUNCTION notices_acceptance_refuse();
"""

DROP = """
DROP TRIGGER notices_acceptance_append_only ON notices_acceptance;
DROP FUNCTION notices_acceptance_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [('notices', '0001_initial')]

    operations = [migrations.RunSQL(CREATE, DROP)]
