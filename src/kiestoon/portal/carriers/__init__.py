"""The operator itself and its trunks: carriers, emergency centres, customers' PBXs."""
