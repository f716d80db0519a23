import ArgumentParser
import Keras

/// Other machines that compute along; see ``NodeGroup``.
struct NodeArguments: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Compute with other machines: all hosts, the first with a port, as gpu1:4000,gpu2, on each with its --node-id. "
        + "What they share is KERAS_NODES_SECRET, or ~/.keras/nodes.secret.", valueName: "hosts"))
  var nodes: String?

  @Option(
    name: .customLong("node-id"),
    help: ArgumentHelp("Which of the nodes this is, from 0.", valueName: "number"))
  var number: Int?

  func validate() throws {
    if (nodes == nil) != (number == nil) { throw ValidationError("--nodes and --node-id belong together.") }
  }

  /// Meets the others, if there are any.
  ///
  /// - Throws: `invalidArgument` where steps would be computed on the CPU; what ``XLADevices/join(_:)`` throws.
  func join(toComputeOn device: String?) throws(KerasError) {
    guard let nodes, let number else { return }
    guard let device, XLADevices.isName(device) else {
      throw KerasError(
        .invalidArgument, "Nodes compute together on devices that share batches, and none is named.",
        remedy: "add --device gpu:all.")
    }
    let hosts = nodes.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    try within("--nodes") { () throws(KerasError) in try XLADevices.join(NodeGroup(hosts, number: number)) }
  }
}
