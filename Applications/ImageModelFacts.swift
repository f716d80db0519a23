import KerasModels
import KerasPreprocessing
import KerasWeights

/// What is known of a model of pictures beside its layers: which pictures it takes, and what its classes are called.
struct ImageModelFacts {
  let preprocessing: PreprocessingMode
  let classCount: Int?
  let labels: ClassLabels?
  let imageSize: ImageSize
  let resizing: ResizingPreset

  /// As files hold it. ImageNet's thousand names go by one.
  var json: JSON {
    [
      "format": "image_model/1", "preprocessing": .string(preprocessing.rawValue),
      "classes": classCount.map(JSON.integer) ?? .null,
      "labels": labels.map { $0 == .imageNet ? "imagenet" : Self.json($0) } ?? .null,
      "image_size": [.integer(imageSize.height), .integer(imageSize.width)],
      "resizing": .string(resizing.rawValue),
    ]
  }

  private static func json(_ labels: ClassLabels) -> JSON {
    .array(labels.map { $0.id == $0.name ? .string($0.name) : [.string($0.id), .string($0.name)] })
  }
}

/// What a file says of it, as far as it says anything.
struct StoredImageFacts {
  var preprocessing: PreprocessingMode?
  /// Nil where the file says nothing; the value nil where the model has no classifier.
  var classCount: Int??
  var labels: ClassLabels?
  var imageSize: ImageSize?
  var resizing: ResizingPreset?

  init() {}

  /// - Throws: `invalidFile` for what makes no sense, `unsupported` for what a later version wrote.
  init(_ json: JSON) throws(KerasError) {
    guard let format = json["format"]?.string, format.hasPrefix("image_model/") else { return }
    guard format == "image_model/1" else {
      throw KerasError(
        .unsupported, "The file describes its pictures as \(format) does, which a later version wrote.",
        remedy: "update this package.")
    }
    guard let mode = json["preprocessing"]?.string.flatMap(PreprocessingMode.init),
      let classes = json["classes"],
      let size = json["image_size"]?.array?.compactMap(\.integer), size.count == 2,
      let labels = json["labels"]
    else { throw Self.senseless() }
    preprocessing = mode
    guard classes.isNull || classes.integer != nil else { throw Self.senseless() }
    classCount = .some(classes.integer)
    imageSize = ImageSize(height: size[0], width: size[1])
    if let name = json["resizing"] {
      guard let preset = name.string.flatMap(ResizingPreset.init) else { throw Self.senseless() }
      resizing = preset
    }
    if labels.string == "imagenet" {
      self.labels = .imageNet
    } else if let names = labels.array {
      self.labels = ClassLabels(try names.map { json throws(KerasError) in try Self.label(json) })
    } else if !labels.isNull {
      throw Self.senseless()
    }
  }

  private static func label(_ json: JSON) throws(KerasError) -> ClassLabel {
    if let name = json.string { return ClassLabel(id: name, name: name) }
    guard let pair = json.array?.compactMap(\.string), pair.count == 2 else { throw senseless() }
    return ClassLabel(id: pair[0], name: pair[1])
  }

  private static func senseless() -> KerasError {
    KerasError(.invalidFile, "What the file says of its pictures and classes makes no sense.")
  }
}
