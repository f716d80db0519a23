extension Layers {
  /// The classes of this folder.
  static let activationRows: [Row] = []
}
