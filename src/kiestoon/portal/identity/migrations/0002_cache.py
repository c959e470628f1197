from django.db import migrations

CREATE = """
CREATE TABLE portal_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX portal_cache_expires ON portal_cache (expires);
"""


class Migration(migrations.Migration):
    """The table of settings.CACHES, as `createcachetable` would make it."""

    dependencies = [('identity', '0001_initial')]

    operations = [migrations.RunSQL(CREATE, "DROP TABLE portal_cache")]
