"""Call detail records: ingested from the call journal, listed, explained."""
