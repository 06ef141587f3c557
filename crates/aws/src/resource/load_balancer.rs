//! Load balancer: a name for its network interfaces.
//!
//! Which balancer an interface belongs to is written in the interface's description (`ELB app/NAME/ID`). Scopes name
//! balancers by ARN, and a path that ends at a balancer's interface counts as going through the balancer.
//!
//! SOURCE: Elastic Load Balancing guides, "Network interfaces of your load balancer" (the description);
//! Service Authorization Reference for the form of ARNs (checked 2026-11-23).
//! GAP: what a balancer forwards to its targets is not followed yet.
use graph::{GraphBuilder, ResourceKey, ResourceRef};
use serde::Deserialize;

use super::{Resource, network_interface::NetworkInterface, optional, partition};
use crate::{Entry, Id, Inventory};

/// An application, network or gateway load balancer, as `elbv2 describe-load-balancers` prints it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct LoadBalancer {
    load_balancer_arn: Id<LoadBalancer>,
    #[serde(default, deserialize_with = "optional")]
    load_balancer_name: Option<String>,
}

/// The balancer that an interface of this description serves; describes it if nobody has.
pub(super) fn of_interface(
    description: &str,
    here: &Entry<NetworkInterface>,
    _: &Inventory,
    graph: &mut GraphBuilder,
) -> Option<ResourceKey> {
    let name = description.strip_prefix("ELB ")?.trim();
    let place = &here.place;
    let arn = format!(
        "arn:{}:elasticloadbalancing:{}:{}:loadbalancer/{name}",
        partition(&place.region),
        place.region,
        place.account
    );
    let kind = match name.split('/').collect::<Vec<_>>().as_slice() {
        ["app" | "net" | "gwy", _, _] => "AWS::ElasticLoadBalancingV2::LoadBalancer",
        [_] => "AWS::ElasticLoadBalancing::LoadBalancer",
        _ => return None,
    };
    let short = name.split('/').nth(1).unwrap_or(name);
    Some(graph.resource(ResourceRef {
        arn: Some(arn.clone()),
        account: place.account.clone(),
        region: place.region.clone(),
        label: Some(short.to_owned()),
        ..ResourceRef::new(kind, arn)
    }))
}

impl Resource for LoadBalancer {
    const TYPE: &'static str = "AWS::ElasticLoadBalancingV2::LoadBalancer";
    const LIST: &'static str = "LoadBalancers";
    const OWN: bool = true;

    fn id(&self) -> &Id<Self> {
        &self.load_balancer_arn
    }

    fn account(&self) -> Option<&str> {
        self.load_balancer_arn.as_str().split(':').nth(4).filter(|account| !account.is_empty())
    }

    fn region(&self) -> Option<String> {
        self.load_balancer_arn
            .as_str()
            .split(':')
            .nth(3)
            .filter(|region| !region.is_empty())
            .map(str::to_owned)
    }

    fn declare(&self, here: &Entry<Self>, _: &Inventory, graph: &mut GraphBuilder) {
        let arn = self.load_balancer_arn.as_str();
        graph.resource(ResourceRef {
            arn: Some(arn.to_owned()),
            account: here.place.account.clone(),
            region: here.place.region.clone(),
            label: self.load_balancer_name.clone(),
            ..ResourceRef::new(Self::TYPE, arn)
        });
    }

    fn connect(&self, _: &Entry<Self>, _: &Inventory, _: &mut GraphBuilder) {}
}

#[cfg(test)]
mod tests {
    use crate::{Inventory, lower, snapshot::Snapshot};

    #[test]
    fn interfaces_belong_to_the_balancer_they_describe() {
        let export = r#"{"NetworkInterfaces":[
            {"NetworkInterfaceId":"eni-1","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","Description":"ELB app/web/50dc"},
            {"NetworkInterfaceId":"eni-2","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","Description":"ELB old"},
            {"NetworkInterfaceId":"eni-3","OwnerId":"111122223333","AvailabilityZone":"eu-west-1a","Description":"ELB a/b"}],
            "LoadBalancers":[{"LoadBalancerArn":"arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc","LoadBalancerName":"web"}]}"#;
        let (snapshot, _) = Snapshot::parse("balancers.json", export);
        let (inventory, _) = Inventory::read(&snapshot);
        let (graph, _) = lower(&inventory, &snapshot);
        let text = graph
            .resources()
            .iter()
            .map(|it| format!("{} {} {:?} in {:?}", it.kind, it.id, it.label, it.within));
        insta::assert_snapshot!(text.collect::<Vec<_>>().join("\n"), @r#"
        AWS::ElasticLoadBalancingV2::LoadBalancer arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc Some("web") in []
        AWS::ElasticLoadBalancing::LoadBalancer arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/old Some("old") in []
        AWS::EC2::NetworkInterface eni-1 Some("ELB app/web/50dc") in [111122223333/eu-west-1/arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/50dc]
        AWS::EC2::NetworkInterface eni-2 Some("ELB old") in [111122223333/eu-west-1/arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/old]
        AWS::EC2::NetworkInterface eni-3 Some("ELB a/b") in []
        "#);
    }
}
