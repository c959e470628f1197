from django.db import migrations

CREATE = """
CREATE FUNCTION emergency_routes_row_stays() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE wanted bigint; was text;
BEGIN
    FOREACH wanted IN ARRAY CASE TG_OP WHEN 'INSERT' THEN ARRAY[NEW.table_id]
        WHEN 'DELETE' THEN ARRAY[OLD.table_id] ELSE ARRAY[OLD.table_id, NEW.table_id] END LOOP
        SELECT state INTO was FROM emergency_routes_table WHERE id = wanted;
        IF was <> 'draft' THEN
            RAISE EXCEPTION 'rows of a proposed table stay: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END
$$;
CREATE TRIGGER emergency_routes_area_stays BEFORE INSERT OR UPDATE OR DELETE ON emergency_routes_area
    FOR EACH ROW EXECUTE FUNCTION emergency_routes_row_stays();
CREATE TRIGGER emergency_routes_route_stays BEFORE INSERT OR UPDATE OR DELETE ON emergency_routes_route
    FOR EACH ROW EXECUTE FUNCTION emergency_routes_row_stays();

CREATE FUNCTION emergency_routes_table_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state = 'draft' THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' OR OLD.state IN ('refused')
        OR (OLD.state = 'approved' AND to_jsonb(OLD) - 'begun_at' IS DISTINCT FROM to_jsonb(NEW) - 'begun_at')
        OR (OLD.state = 'proposed' AND (NEW.state NOT IN ('approved', 'refused')
            OR to_jsonb(OLD) - '{state,decided_at,decided_by,refusal,begun_at}'::text[]
               IS DISTINCT FROM to_jsonb(NEW) - '{state,decided_at,decided_by,refusal,begun_at}'::text[])) THEN
        RAISE EXCEPTION 'a proposed table stays as it is: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER emergency_routes_table_stays BEFORE UPDATE OR DELETE ON emergency_routes_table
    FOR EACH ROW EXECUTE FUNCTION emergency_routes_table_stays();

CREATE FUNCTION emergency_routes_policy_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.state <> 'proposed'
        OR to_jsonb(OLD) - '{state,decided_at,decided_by}'::text[]
           IS DISTINCT FROM to_jsonb(NEW) - '{state,decided_at,decided_by}'::text[] THEN
        RAISE EXCEPTION 'a decision on the policy stays: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER emergency_routes_policy_stays BEFORE UPDATE OR DELETE ON emergency_routes_policydecision
    FOR EACH ROW EXECUTE FUNCTION emergency_routes_policy_stays();
"""
DROP = """
DROP TRIGGER emergency_routes_area_stays ON emergency_routes_area;
DROP TRIGGER emergency_routes_route_stays ON emergency_routes_route;
DROP TRIGGER emergency_routes_table_stays ON emergency_routes_table;
DROP TRIGGER emergency_routes_policy_stays ON emergency_routes_policydecision;
DROP FUNCTION emergency_routes_row_stays();
DROP FUNCTION emergency_routes_table_stays();
DROP FUNCTION emergency_routes_policy_stays();
"""


class Migration(migrations.Migration):
    dependencies = [("emergency_routes", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
