# doc: guides for people
dist_doc_DATA = README.md CONTRIBUTING.md doc/ADMIN.md doc/ARCHITECTURE.md doc/BENCHMARKS.md doc/DEPENDENCIES.md doc/QUEUE.md \
	doc/SECURITY.md doc/STORE.md doc/TESTING.md
