import KerasGraph

extension HashOperation {
  /// Hashes are computed on the host before the program (``HostStage``), which reaches none inside of a loop.
  func lower(_ node: NodeLowering) throws(KerasError) -> [HLOValue] {
    throw KerasError(
      .unsupported, "Hashing (\(settings)) inside of a loop is done on the CPU only.",
      remedy: "compute with --device cpu.")
  }
}
