//! The scopes of the repository's folder `scopes/`, inside the program. The link beside `src/` is for the crate as it is
//! published: it takes nothing from outside its own folder.

/// A scope that comes with the program.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReadyMade {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! ready_made {
    ($($name:literal),* $(,)?) => {
        /// All of them, sorted by name.
        pub(crate) const ALL: &[ReadyMade] = &[
            $(ReadyMade { name: $name, text: include_str!(concat!("../scopes/", $name, ".json")) },)*
        ];
    };
}

ready_made![
    "all-igw-ingress",
    "aws-igw-egress",
    "aws-vpc-egress",
    "aws-vpc-ingress",
    "cross-environment",
    "decoy-isolation",
    "detect-public-databases",
    "detect-public-elastic",
    "detect-public-emr",
    "detect-public-remotedesktop",
    "detect-public-webserver-noloadbalancer",
    "directory-ports",
    "dns-bypass-dns",
    "dns-bypass-doh",
    "dns-bypass-dot",
    "egress-skips-firewall",
    "egress-skips-nat",
    "jenkins-ports",
    "kafka-cross-zone",
    "log-egress",
    "private-builds",
    "redshift-other-accounts",
    "remote-administration",
    "transit-between-peers",
    "web-acl-missing",
];

/// The one of this name.
pub(crate) fn find(name: &str) -> Option<ReadyMade> {
    ALL.iter().copied().find(|ready| ready.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_folder_is_inside() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../scopes");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "json"));
        let mut names: Vec<String> =
            files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        assert_eq!(names, ALL.iter().map(|ready| ready.name).collect::<Vec<_>>());
    }

    #[test]
    fn each_reads_without_a_warning() {
        for ready in ALL {
            let scopes = netproof::read_scopes(&format!("{}.json", ready.name), ready.text).unwrap();
            assert!(scopes.iter().all(|scope| scope.warnings.is_empty()), "{}", ready.name);
        }
    }
}
