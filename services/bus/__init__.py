"""The bus: messages, how events are sealed in them, and the only Kafka producer. The consumer is consumers/runner.py."""
