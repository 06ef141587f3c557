//! Proves who can reach what in an AWS network, offline, from exported snapshots.
