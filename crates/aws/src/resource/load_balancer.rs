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
