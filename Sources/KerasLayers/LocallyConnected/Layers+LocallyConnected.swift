extension Layers {
  /// The classes of this folder.
  static let locallyConnectedRows: [Row] = [
    Row("LocallyConnected1D", LocallyConnected1D.init(_:)),
    Row("LocallyConnected2D", LocallyConnected2D.init(_:)),
  ]
}
