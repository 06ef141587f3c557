//! Domain names, name sets, and what an ordered DNS Firewall rule list does to a query.
