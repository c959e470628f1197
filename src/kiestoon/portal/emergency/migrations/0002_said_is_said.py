from django.db import migrations

CREATE = """
CREATE FUNCTION emergency_place_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was said is evidence: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER emergency_place_said BEFORE UPDATE ON emergency_place
    FOR EACH ROW EXECUTE FUNCTION emergency_place_refuse();
"""

DROP = """
DROP TRIGGER emergency_place_said ON emergency_place;
DROP FUNCTION emergency_place_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("emergency", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
