"""What delivers: from an alert revision on Kafka to each addressed contact point.

contact_points   who can be told, and how
routing          who is told of an alert, and why
routes           the tree that says so, as its file gives it
matching         what an alert must be for a route to apply
times            the times at which one applies
route_checks     which files of routes are refused
configuration    routes and contact points in force, read again when asked
audience         what each of them may see
dispatcher       Kafka → PostgreSQL: revision and deliveries in one transaction
outbox           the delivery rows, which are the queue
deliverer        PostgreSQL → channels, with retries
channels         one file for each way of telling
"""
