"""Who signs in to the portal, in which role, for which customer."""
