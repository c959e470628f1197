from django.db import migrations

CREATE = """
CREATE FUNCTION emergency_drills_drill_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a drill is evidence: % refused', TG_OP USING ERRCODE = 'insufficient_privilege'; END $$;
CREATE TRIGGER emergency_drills_drill_stays BEFORE UPDATE OR DELETE ON emergency_drills_drill
    FOR EACH ROW EXECUTE FUNCTION emergency_drills_drill_stays();

CREATE FUNCTION emergency_drills_addresscheck_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.answered_at IS NOT NULL
        OR to_jsonb(OLD) - '{answered_at,answered_by}'::text[]
           IS DISTINCT FROM to_jsonb(NEW) - '{answered_at,answered_by}'::text[] THEN
        RAISE EXCEPTION 'what a user said stays: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER emergency_drills_addresscheck_stays BEFORE UPDATE OR DELETE ON emergency_drills_addresscheck
    FOR EACH ROW EXECUTE FUNCTION emergency_drills_addresscheck_stays();
"""
DROP = """
DROP TRIGGER emergency_drills_drill_stays ON emergency_drills_drill;
DROP TRIGGER emergency_drills_addresscheck_stays ON emergency_drills_addresscheck;
DROP FUNCTION emergency_drills_drill_stays();
DROP FUNCTION emergency_drills_addresscheck_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("emergency_drills", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
