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
  /// Whether the file is part of this package and needs no network; ``shippedBytes`` are it.
  public let isShipped: Bool

  /// The official address.
  public var url: String { baseURL + remoteName }
  /// The address below a mirror's base: `resnet/resnet50_weights_tf_dim_ordering_tf_kernels.h5`.
  public var mirrorPath: String { folder + "/" + remoteName }
}

/// Which of a model's published sizes a file holds.
public struct WeightVariant: Hashable, Sendable {
  /// The width multiplier of a MobileNet.
  public let alpha: Double
  /// The image height and width the weights were trained for, in pixels.
  public let rows: Int
  /// MobileNetV3 without its costly parts.
  public let isMinimalistic: Bool

  public init(alpha: Double = 1, rows: Int = 224, isMinimalistic: Bool = false) {
    self.alpha = alpha
    self.rows = rows
    self.isMinimalistic = isMinimalistic
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
  /// Where the files are; nil for the family's folder of ``bucket``.
  var baseURL: String?
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
    hash: String? = nil, edition: String? = nil
  ) -> WeightFile {
    WeightFile(
      fileName: fileName, model: model, variant: variant, includesTop: includesTop,
      classes: includesTop ? 1000 : nil, dataset: "ImageNet (ILSVRC 2012)",
      preprocessing: preprocessing, folder: folder, remoteName: remoteName ?? fileName,
      baseURL: baseURL ?? self.baseURL ?? Self.bucket + folder + "/", byteCount: byteCount,
      // As Keras does: the length says which hash it is.
      hash: hash.map { FileHash($0.count == 64 ? .sha256 : .md5, $0) }, provenance: provenance, edition: edition, isShipped: false)
  }

  /// The two files of a model, or of a variant of it, that is published with and without its classifier.
  func pair(
    _ model: String, in folder: String, prefix: String, variant: WeightVariant? = nil,
    top: (byteCount: Int?, hash: String), noTop: (byteCount: Int?, hash: String)
  ) -> [WeightFile] {
    let stem = prefix + naming.infix
    return [(stem, true, top), (stem + naming.noTop, false, noTop)].map { name, includesTop, known in
      file(
        model, in: folder, name + ".h5", variant: variant, includesTop: includesTop, byteCount: known.byteCount,
        hash: known.hash)
    }
  }
}
