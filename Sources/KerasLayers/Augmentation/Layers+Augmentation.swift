extension Layers {
  /// The classes of this folder.
  static let augmentationRows: [Row] =
    [Row("Pipeline", Pipeline.init(_:))]
    + AugmentationKind.allCases.map { kind in
      Row(kind.rawValue) { settings in
        kind == .randomCrop ? try RandomCrop(settings) : try Augmentation(kind, settings)
      }
    }
}
