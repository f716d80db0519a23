extension Layers {
  /// The classes of this folder.
  static let coreRows: [Row] = [
    Row("Dense", Dense.init(_:))
  ]
}
