"""What a device has to send, kept on its disk until Kafka has it."""
