import KerasGraph

/// Processes, as a rule on several machines, that compute together, and which of them this one is.
///
/// ```console
/// $ export KERAS_NODES=gpu1:4000,gpu2 KERAS_NODE_ID=1
/// ```
public struct NodeGroup: Sendable {
  let addresses: [NodeAddress]
  /// Which of them this process is, from 0. The first keeps what they tell each other.
  public let number: Int
  let secret: NodeSecret
  /// For so many seconds a node that is not there yet is waited for.
  let patience: Double

  public var count: Int { addresses.count }

  static let largestCount = 1024

  /// The secret is what `KERAS_NODES_SECRET` holds, or the file that `KERAS_NODES_SECRET_FILE` names, or
  /// `~/.keras/nodes.secret`: at least 16 bytes, the same on every node.
  ///
  /// - Parameters:
  ///   - addresses: hosts, by name or address, the first with a port: `["gpu1:4000", "gpu2"]`. Whoever else connects is not
  ///     listened to.
  ///   - number: which of them this process is, from 0.
  /// - Throws: `invalidArgument` for an address that is none, a number out of range, and without a secret.
  public init(_ addresses: [String], number: Int) throws(KerasError) {
    try self.init(addresses, number: number, secret: .found())
  }

  init(_ addresses: [String], number: Int, secret: NodeSecret, patience: Double = 300) throws(KerasError) {
    var nodes: [NodeAddress] = []
    for address in addresses { nodes.append(try NodeAddress(address)) }
    guard (2...Self.largestCount).contains(nodes.count) else {
      throw KerasError(
        .invalidArgument, "Between 2 and \(Self.largestCount) nodes compute together, found \(nodes.count).")
    }
    guard nodes.indices.contains(number) else {
      throw KerasError(
        .invalidArgument, "There is no node \(number): \(nodes.count) are named, with numbers from 0.")
    }
    guard nodes[0].port != nil else {
      throw KerasError(
        .invalidArgument, "The first node, \(nodes[0]), has no port.",
        remedy: "add one that is free there, as \(nodes[0]):4000.")
    }
    (self.addresses, self.number, self.secret, self.patience) = (nodes, number, secret, patience)
  }

  /// The group that the environment names: `KERAS_NODES` with `KERAS_NODE_ID`; nil where it names none.
  static func configured(
    environment: @escaping Environment = processEnvironment
  ) throws(KerasError) -> NodeGroup? {
    guard let list = environment("KERAS_NODES"), !list.isEmpty else { return nil }
    guard let number = environment("KERAS_NODE_ID").flatMap({ Int($0) }) else {
      throw KerasError(
        .invalidArgument, "KERAS_NODES names nodes, and KERAS_NODE_ID does not say which this is.",
        remedy: "set it to a number, from 0.")
    }
    return try within("KERAS_NODES") { () throws(KerasError) in
      try NodeGroup(
        list.split(separator: ",", omittingEmptySubsequences: false).map(String.init), number: number,
        secret: .found(environment: environment))
    }
  }

  /// The code of what all must have been told alike.
  var roster: [UInt8] {
    secret.code("roster", Array(addresses.map(\.description).joined(separator: ",").utf8))
  }
}
