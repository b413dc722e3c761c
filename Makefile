# Every target is one command; what it does is written where the command lives.
CLI := node -r ./boot/loader.js cli/local.ts
INSTALLED := node_modules/.package-lock.json
STACK ?= local
OUT ?= k8s

.DEFAULT_GOAL := help
.PHONY: help up down env tools test test-unit test-engine bench preview render destroy lint

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(INSTALLED) ## bring everything up on a local control plane; NODE=real: with real pods (Linux, root); KUBECONFIG_FROM=file [CONTEXT=name] [NAMESPACE=name]: on that cluster
	@$(CLI) up $(if $(NODE),--node '$(NODE)') $(if $(KUBECONFIG_FROM),--kubeconfig-from '$(KUBECONFIG_FROM)' $(if $(CONTEXT),--context '$(CONTEXT)') $(if $(NAMESPACE),--namespace '$(NAMESPACE)'))

down: $(INSTALLED) ## take it down again and remove its state
	@$(CLI) down

env: $(INSTALLED) ## print the environment to work on it by hand, for eval
	@$(CLI) env

tools: $(INSTALLED) ## make sure of pulumi, its plugins and the control plane's programs
	@$(CLI) tools

test: test-unit test-engine ## all tests

test-unit: $(INSTALLED) ## lint, types, unit tests
	@npm run --silent lint
	@npm run --silent typecheck
	@npm test --silent

test-engine: $(INSTALLED) ## tests on the real engine, stub clouds and a real API server
	@npm run --silent test:engine

bench: $(INSTALLED) ## measure times and memory
	@npm run --silent bench

preview: $(INSTALLED) ## preview STACK=local; gke, eks and aks on stand-ins for the cloud: no account, no credentials
	@npm run --silent preview -- --stack $(STACK)

render: $(INSTALLED) ## write the manifests of STACK=local to OUT=k8s
	@npm run --silent render -- --stack $(STACK) --out $(OUT)

destroy: $(INSTALLED) ## take STACK=<name> down in stages, in your own Pulumi environment, and look for what is left
	@npm run --silent lifecycle -- destroy --stack $(STACK)

lint: $(INSTALLED) ## eslint and prettier
	@npm run --silent lint

$(INSTALLED): package-lock.json runner/package-lock.json
	@npm ci --prefix runner --no-audit --no-fund --ignore-scripts --loglevel=error >&2
	@npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2
