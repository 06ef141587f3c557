//! What to write instead of a resource or a type that a scope cannot name.
use super::nameable::Nameable;
use super::reader::listed;
use super::resource::{Position, ResourceType};
use super::vocabulary::suggestion;

/// Returns help for an entry of `ResourceTypes` that is none of AWS's types.
pub(super) fn help_for_type(text: &str, position: Position) -> String {
    if Nameable::of(text).is_some() {
        return "ids and ARNs belong into `Resources`".to_owned();
    }
    let help = match text {
        "AWS::EC2::SecurityGroup" | "AWS::EC2::Subnet" | "AWS::EC2::VPC" => match position {
            Position::Through => {
                "this cannot be asked of the middle of a path; name it by id in `Resources` of `Source` or \
                 `Destination`"
            }
            Position::Source | Position::Destination => {
                "name it by id in `Resources`; it stands for the network interfaces in it"
            }
        },
        "AWS::EC2::TransitGateway" | "AWS::EC2::TransitGatewayVpcAttachment" => {
            "use `AWS::EC2::TransitGatewayAttachment`"
        }
        "AWS::EC2::EgressOnlyInternetGateway" => {
            "AWS's analyzers know no egress-only gateways; ask `netproof path` with destination `internet`"
        }
        "AWS::EC2::RouteTable" | "AWS::EC2::NetworkAcl" => {
            "rules and routes decide which paths exist and cannot be asked for; use a type of resource \
             that paths begin at, end at or pass through"
        }
        "AWS::ResourceGroups::Group" => "name the group by ARN in `Resources`",
        _ => "",
    };
    if !help.is_empty() {
        return help.to_owned();
    }
    let all: Vec<&'static str> = ResourceType::ALL.into_iter().map(ResourceType::written_name).collect();
    if let Some(meant) = suggestion(text, &all) {
        return format!("did you mean `{meant}`?");
    }
    // `AWS::RDS::DBInstance` is not a misspelt `AWS::EC2::Instance`.
    let known_service = match text.split("::").collect::<Vec<_>>().as_slice() {
        [_] => true,
        [_, service, ..] => all.iter().any(|name| name.split("::").nth(1) == Some(service)),
        [] => false,
    };
    let last = text.rsplit("::").next().unwrap_or(text);
    if known_service
        && let Some(meant) = all
            .iter()
            .rev()
            .find(|name| name.rsplit("::").next().is_some_and(|short| suggestion(last, &[short]).is_some()))
    {
        return format!("did you mean `{meant}`?");
    }
    if text.starts_with("AWS::") && !known_service && position != Position::Through {
        return "managed services appear as their network interfaces: use `AWS::EC2::NetworkInterface`, \
                with `DestinationPorts` in the packet header statement, or name their subnets or security \
                groups in `Resources`"
            .to_owned();
    }
    let allowed: Vec<&str> = ResourceType::ALL
        .into_iter()
        .filter(|candidate| candidate.allowed_in(position))
        .map(ResourceType::written_name)
        .collect();
    format!("`{}` takes {}", position.member(), listed(&allowed, "or"))
}

/// Returns help for an entry of `Resources` that is neither an id nor an ARN of the table.
pub(super) fn help_for_name(text: &str, position: Position) -> String {
    let id = text.rsplit(['/', ':']).next().unwrap_or(text);
    let help = if text.contains(['*', '?']) {
        "wildcards are not possible; use `ResourceTypes`, or a resource group by ARN"
    } else if text.starts_with("AWS::") {
        "types belong into `ResourceTypes`"
    } else if text.parse::<ipnet::IpNet>().is_ok() || text.parse::<std::net::IpAddr>().is_ok() {
        "addresses belong into `PacketHeaderStatement`"
    } else if id.starts_with("pl-") {
        "prefix lists belong into `SourcePrefixLists` or `DestinationPrefixLists` of \
         `PacketHeaderStatement`"
    } else if text.starts_with("arn:aws:rds:")
        || text.starts_with("arn:aws:lambda:")
        || text.starts_with("arn:aws:es:")
        || text.starts_with("arn:aws:elasticmapreduce:")
    {
        "managed services appear as their network interfaces: name those, or their subnets or security groups"
    } else if text.contains("elasticloadbalancing")
        || text.contains(".elb.")
        || ["app/", "net/", "gwy/", "loadbalancer/"].iter().any(|prefix| text.starts_with(prefix))
    {
        "load balancers are named by their ARN, `arn:aws:elasticloadbalancing:REGION:ACCOUNT:loadbalancer/…`, \
         in `ThroughResources`"
    } else if id.starts_with("tgw-") {
        "name the transit gateway's attachments (`tgw-attach-…`)"
    } else if id.starts_with("eigw-") {
        "AWS's analyzers know no egress-only gateways; ask `netproof path` with destination `internet`"
    } else if id.starts_with("rtb-") || id.starts_with("acl-") || id.starts_with("sgr-") {
        "rules and routes cannot be named; name the subnets or network interfaces they act on"
    } else if text.eq_ignore_ascii_case("internet") {
        "use `\"ResourceTypes\": [\"AWS::EC2::InternetGateway\"]`"
    } else if position == Position::Through {
        "load balancers and network firewalls are named by their ARN, all else by id or ARN"
    } else {
        "ids begin with `eni-`, `i-`, `sg-`, `subnet-`, `vpc-`, `igw-`, `vgw-`, `pcx-`, `vpce-`, \
         `vpce-svc-` or `tgw-attach-`; resource groups are named by their ARN"
    };
    help.to_owned()
}
