//! Top-level keys: what they are called by the AWS CLI, and which of them carry no records.

/// Returns the name the AWS CLI gives to the list written as `written`: `network_acls` and `networkAcls`
/// are `NetworkAcls`.
///
/// Keys that begin with a capital letter are the CLI's already. Some services really answer in
/// camelCase (`virtualInterfaces` of Direct Connect); they are found under the capitalised name, too.
pub(super) fn canonical(written: &str) -> String {
    if !written.starts_with(|first: char| first.is_ascii_lowercase()) {
        return written.to_owned();
    }
    let mut name = String::with_capacity(written.len());
    for word in written.split(['_', '-']) {
        let mut letters = word.chars();
        name.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        name.push_str(letters.as_str());
    }
    // SOURCE: RDS API reference, DescribeDBInstances: RDS spells its lists `DBInstances`, `DBClusters`,
    // `DBSubnetGroups` (checked 2026-11-23).
    match name.strip_prefix("Db") {
        Some(rest) if rest.starts_with(|next: char| next.is_ascii_uppercase()) => format!("DB{rest}"),
        _ => name,
    }
}

/// What a top-level key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Records, or a fact about them.
    Content,
    /// Where the next page begins: records are missing if it is not empty.
    NextPage,
    /// Where the next page begins, or an echo of where this page began: then `IsTruncated` decides.
    Marker,
    /// Whether there is a next page.
    Truncated,
    /// About the call, not about the account.
    Envelope,
}

/// SOURCE: AWS CLI user guide, "Pagination": with `--max-items` or `--no-paginate` the answer keeps a
/// `NextToken` (checked 2026-11-23). Route 53 API reference, ListHostedZones: `Marker` repeats the
/// request's, and `NextMarker` counts if `IsTruncated` is true (checked 2026-11-23). EC2 API reference,
/// SearchTransitGatewayRoutes: `AdditionalRoutesAvailable` (checked 2026-11-26). Resource Groups Tagging API reference,
/// GetResources: `PaginationToken` (checked 2026-11-27).
pub(super) fn role(written: &str) -> Role {
    match written {
        "NextToken" | "nextToken" | "next_token" | "PaginationToken" => Role::NextPage,
        "Marker" | "marker" | "NextMarker" | "nextMarker" => Role::Marker,
        "AdditionalRoutesAvailable" | "IsTruncated" => Role::Truncated,
        "ResponseMetadata" | "MaxResults" | "maxResults" | "MaxItems" | "status_code" => Role::Envelope,
        other if other.starts_with('$') => Role::Envelope,
        _ => Role::Content,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lower_case_keys_become_the_names_of_the_cli() {
        for (written, name) in [
            ("network_acls", "NetworkAcls"),
            ("internet_gateways", "InternetGateways"),
            ("vpcs", "Vpcs"),
            ("virtualInterfaces", "VirtualInterfaces"),
            ("db_instances", "DBInstances"),
            ("dbClusters", "DBClusters"),
            ("config-file-git-sha1", "ConfigFileGitSha1"),
            ("DBInstances", "DBInstances"),
            ("TransitGatewayStaticRoutes", "TransitGatewayStaticRoutes"),
            ("", ""),
            ("_", "_"),
            ("é", "é"),
        ] {
            assert_eq!(canonical(written), name, "{written}");
        }
    }
}
