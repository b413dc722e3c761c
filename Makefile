# Every target is one command: a verb of ./ralphctl, or a script of package.json.
INSTALLED := node_modules/.package-lock.json
STACK ?= local
OUT ?= k8s
# Recipes read every variable from the environment, where no shell interprets its text.
export STACK OUT

.DEFAULT_GOAL := help
.PHONY: help up down env tools test test-unit test-engine test-nightly bench preview render destroy lint

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

up: $(INSTALLED) ## create or update everything on a local control plane; NODE=real: with real pods (Linux, root); KUBECONFIG_FROM=file [CONTEXT=name] [NAMESPACE=name]: on that cluster
	@./ralphctl up $(if $(NODE),--node "$$NODE") $(if $(KUBECONFIG_FROM),--kubeconfig-from "$$KUBECONFIG_FROM" $(if $(CONTEXT),--context "$$CONTEXT") $(if $(NAMESPACE),--namespace "$$NAMESPACE"))

down: $(INSTALLED) ## remove everything that `up` created
	@./ralphctl down

env: $(INSTALLED) ## print the environment for pulumi and kubectl on the local stack, for eval
	@./ralphctl env

tools: $(INSTALLED) ## get pulumi, its plugins and the programs of the control plane
	@./ralphctl tools

test: test-unit test-engine ## all tests

test-unit: $(INSTALLED) ## lint, types, unit tests
	@npm run --silent lint
	@npm run --silent typecheck
	@npm test --silent

test-engine: $(INSTALLED) ## tests on the real engine, stub clouds and a real API server
	@npm run --silent test:engine

test-nightly: $(INSTALLED) ## what is slow and rarely breaks: kills at random points, mutants, other seeds
	@npm run --silent test:nightly
	@npm run --silent kill-points -- --seed "$${NIGHTLY_SEED:-1}"

bench: $(INSTALLED) ## measure times and memory
	@./ralphctl bench

preview: $(INSTALLED) ## preview STACK=local; gke, eks and aks without an account or a credential
	@./ralphctl preview --stack "$$STACK"

render: $(INSTALLED) ## write the manifests of STACK=local to OUT=k8s
	@./ralphctl render --stack "$$STACK" --out "$$OUT"

destroy: $(INSTALLED) ## delete everything that STACK=<name> has created, in stages
	@./ralphctl destroy --stack "$$STACK"

lint: $(INSTALLED) ## eslint and prettier
	@npm run --silent lint

$(INSTALLED): package-lock.json runner/package-lock.json
	@npm ci --prefix runner --no-audit --no-fund --ignore-scripts --loglevel=error >&2
	@npm ci --no-audit --no-fund --ignore-scripts --loglevel=error >&2
