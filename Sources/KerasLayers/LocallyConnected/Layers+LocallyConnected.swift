extension Layers {
  /// The classes of this folder.
  static let locallyConnectedRows: [Row] = [
    Row("LocallyConnected1D") { LocallyConnected1D(filters: 0, kernelSize: 0, name: $0) },
    Row("LocallyConnected2D") { LocallyConnected2D(filters: 0, kernelSize: 0, name: $0) },
  ]
}
