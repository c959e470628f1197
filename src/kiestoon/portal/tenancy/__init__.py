"""Tenants are walls: PostgreSQL's row-level security under the portal's own filters."""
