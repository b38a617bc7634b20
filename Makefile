# Two commands: make run, make test. The rest is for those who build.
.PHONY: run test build dev bench fuzz sqlx setup
run: build
	@scripts/run
build: setup
	@scripts/build
setup:
	@scripts/setup
test:
	@scripts/setup test
	@scripts/test
dev: setup
	@bash -c '. scripts/env.sh && cargo leptos watch -- serve --demo'
bench: build
	@scripts/bench
fuzz: setup
	@scripts/fuzz
sqlx: setup
	@scripts/with-postgres scripts/sqlx-prepare
