"""No tables; but Django tells only an app that has this module that `migrate` is done."""
