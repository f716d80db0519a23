import KerasGraph

extension HashOperation {
  func lower(_ node: NodeLowering) throws(KerasError) -> [HLOValue] {
    throw KerasError(
      .unsupported, "Integers are hashed on the host: a device has no hash (\(settings)).",
      remedy: "hash before the graph, as preprocessing layers outside of the model do.")
  }
}
