"""HTTP in: the FastAPI application, its routes, authentication and problems. The only importer of FastAPI."""
