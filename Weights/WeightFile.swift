import KerasCore

/// One published file of pretrained weights: where it is, how to know it, what it is for.
public struct WeightFile: Hashable, Sendable {
  /// The name in the cache, `~/.keras/models/<fileName>`.
  public let fileName: String
  /// The model as Keras spells it: `ResNet50V2`.
  public let model: String
  /// The size of a model that is published in several, such as MobileNet.
  public let variant: WeightVariant?
  /// Whether the classifier is in the file.
  public let includesTop: Bool
  /// The classes the classifier tells apart; nil without one.
  public let classes: Int?
  /// What the weights were trained on.
  public let dataset: String
  /// What the weights expect of a pixel.
  public let preprocessing: PreprocessingMode
  /// The folder of a mirror: `<base>/<folder>/<remoteName>`.
  public let folder: String
  /// The name on the host; nearly always ``fileName``.
  public let remoteName: String
  /// The official address without the file's name, ending in `/`.
  public let baseURL: String
  /// The size, where it was seen; nil where not.
  public let byteCount: Int?
  /// The hash Keras checks; nil for the files that Keras does not check.
  public let hash: FileHash?
  public let provenance: WeightProvenance
  /// Which Keras used the file, when today's does not.
  public let edition: String?

  /// The official address.
  public var url: String { baseURL + remoteName }
  /// The address below a mirror's base: `resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5`.
  public var mirrorPath: String { folder + "/" + remoteName }
}

/// Which of a model's published sizes a file holds.
public struct WeightVariant: Hashable, Sendable {
  /// MobileNet's width multiplier: 0.25, 0.5, 0.75 or 1.
  public let alpha: Double
  /// The image height and width the weights were trained for, in pixels.
  public let rows: Int

  public init(alpha: Double, rows: Int) {
    self.alpha = alpha
    self.rows = rows
  }
}

/// Who made the weights and on what terms, as Keras' documentation of its applications states it.
public struct WeightProvenance: Hashable, Sendable {
  public let licence: String
  public let licenceURL: String
  public let origin: String
  public let originURL: String
}

/// What the files of a family have in common, so that a manifest is a table.
struct WeightFamily {
  let preprocessing: PreprocessingMode
  var naming = Naming()
  let provenance: WeightProvenance

  /// How the family's files are called: `<model><infix>.h5`, and `<model><infix><noTop>.h5` without the classifier.
  struct Naming {
    var infix = ""
    var noTop = "_notop"

    /// The pattern of Keras' first applications.
    static let tensorFlowKernels = Naming(infix: "_weights_tf_dim_ordering_tf_kernels")
  }

  /// Keras' bucket, one folder a family.
  static let bucket = "https://storage.googleapis.com/tensorflow/keras-applications/"

  func file(
    _ model: String, in folder: String, _ fileName: String, remoteName: String? = nil,
    variant: WeightVariant? = nil, includesTop: Bool, baseURL: String? = nil, byteCount: Int? = nil,
    md5: String? = nil, edition: String? = nil
  ) -> WeightFile {
    WeightFile(
      fileName: fileName, model: model, variant: variant, includesTop: includesTop,
      classes: includesTop ? 1000 : nil, dataset: "ImageNet (ILSVRC 2012)",
      preprocessing: preprocessing, folder: folder, remoteName: remoteName ?? fileName,
      baseURL: baseURL ?? Self.bucket + folder + "/", byteCount: byteCount,
      hash: md5.map { FileHash(.md5, $0) }, provenance: provenance, edition: edition)
  }

  /// The two files of a model that is published with and without its classifier.
  func pair(
    _ model: String, in folder: String, prefix: String,
    top: (byteCount: Int?, md5: String), noTop: (byteCount: Int?, md5: String)
  ) -> [WeightFile] {
    let stem = prefix + naming.infix
    return [
      file(model, in: folder, stem + ".h5", includesTop: true, byteCount: top.byteCount, md5: top.md5),
      file(
        model, in: folder, stem + naming.noTop + ".h5", includesTop: false, byteCount: noTop.byteCount,
        md5: noTop.md5),
    ]
  }
}
