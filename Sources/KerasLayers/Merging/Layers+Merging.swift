extension Layers {
  /// The classes of this folder.
  static let mergingRows: [Row] = []
}
