# Each target is one line of help and one command.
PYTHON := .venv/bin/python
.PHONY: help run test lint format lock messages

help: ## what there is
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /\1\t/' | expand -t 10

run: ## start Kiestoon and the demo world
	./run

test: ## every suite, as CI runs them
	./test

lint: ## linters, types, import contracts
	./test lint

format: ## let ruff format the code
	$(PYTHON) -m ruff format . && $(PYTHON) -m ruff check --fix .

lock: ## renew requirements.lock from requirements.in (needs pip-tools: pip install pip-tools)
	pip-compile --quiet --generate-hashes --strip-extras --allow-unsafe --no-header --no-emit-index-url \
	  --no-emit-find-links --no-emit-trusted-host --no-emit-options -o requirements.lock requirements.in
	@! grep -n '://' requirements.lock || (echo 'requirements.lock names a host: remove it'; exit 1)

messages: ## find the portal's strings again, for translation (needs Debian's gettext)
	cd src/kiestoon/portal && $(CURDIR)/$(PYTHON) -P -m django makemessages --all --no-location --no-obsolete --no-wrap
