/**
 * Which internet addresses are anybody's to reach, and which lead inwards.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";

/** What is not the public internet, from IANA's registries of special-purpose addresses. */
const SPECIAL_IPV4 = [
  "0.0.0.0/8", // this network, unspecified
  "10.0.0.0/8", // private
  "100.64.0.0/10", // shared by a carrier's customers
  "127.0.0.0/8", // loopback
  "168.63.129.16/32", // Azure's host, from within Azure
  "169.254.0.0/16", // link-local, metadata of clouds
  "172.16.0.0/12", // private
  "192.0.0.0/24", // protocol assignments
  "192.0.2.0/24", // documentation
  "192.88.99.0/24", // 6to4 relays
  "192.168.0.0/16", // private
  "198.18.0.0/15", // measuring of devices
  "198.51.100.0/24", // documentation
  "203.0.113.0/24", // documentation
  "224.0.0.0/4", // multicast
  "240.0.0.0/4", // reserved, broadcast
];

/**
 * The part of IPv6 that is given out to the public. All else is not: unique local, link-local, site-local, multicast,
 * and every way to write an IPv4 address as one of IPv6 (mapped, compatible, translated, NAT64).
 */
const GLOBAL_IPV6 = "2000::/3";

/** What is not public even there. */
const SPECIAL_IPV6 = [
  "2001::/23", // protocol assignments; Teredo, ORCHID
  "2001:db8::/32", // documentation
  "2002::/16", // 6to4: an IPv4 address inside
  "3fff::/20", // documentation
];

const special4 = blocks(SPECIAL_IPV4, "ipv4");
const global6 = blocks([GLOBAL_IPV6], "ipv6");
const special6 = blocks(SPECIAL_IPV6, "ipv6");

/** Whether this is an address, and one of the public internet. */
export function isPublic(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !special4.check(address, "ipv4");
    case 6:
      return !address.includes("%") && global6.check(address, "ipv6") && !special6.check(address, "ipv6");
    default:
      return false;
  }
}

function blocks(networks: readonly string[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
