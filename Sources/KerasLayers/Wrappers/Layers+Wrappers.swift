extension Layers {
  /// The classes of this folder.
  static let wrapperRows: [Row] = [
    Row("TimeDistributed", TimeDistributed.init(_:)),
    Row("Bidirectional", Bidirectional.init(_:)),
  ]
}
