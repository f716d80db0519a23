import KerasModels

/// Which weights a model starts from.
public enum PretrainedWeights: Hashable, Sendable {
  /// Those Keras publishes, trained on ImageNet; fetched into `~/.keras/models` when they are not there.
  case imageNet
  /// Freshly initialized.
  case none
  /// A file of Keras' weights.
  case file(String)
}

// What a person who knows Keras types first: the compiler points to the spelling here.
extension PretrainedWeights {
  @available(*, unavailable, renamed: "imageNet")
  public static var imagenet: PretrainedWeights { .imageNet }
}

/// What stands behind the features of a model without its classifier. Raw values are Keras'.
public enum FeaturePooling: String, Hashable, Sendable, CaseIterable {
  /// The mean over the image: `[batch, features]`.
  case average = "avg"
  /// The maximum over the image: `[batch, features]`.
  case maximum = "max"
}

/// What every application can be told. What only a family can be told, ``Application/setting(_:to:)`` tells it.
public struct ApplicationSettings: Sendable {
  /// Whether the classifier on top is part of the model.
  public var includeTop = true
  public var weights = PretrainedWeights.imageNet
  /// What the model sees in place of an input of its own.
  public var inputTensor: SymbolicTensor?
  /// `[height, width, channels]`; nil for the application's own size, or without a top for any size.
  public var inputShape: Shape?
  /// Used without a top only; nil leaves the features as an image, `[batch, height, width, features]`.
  public var pooling: FeaturePooling?
  /// Of the classifier; nil for as many as the published one knows.
  public var classes: Int?
  /// `.linear` gives logits.
  public var classifierActivation = ActivationFunction.softmax
  /// The model's name; nil for Keras'.
  public var name: String?

  public init() {}

  /// How many classes the classifier of a model that is being drawn has: the catalogue has put its own number in where
  /// nobody said one.
  var classCount: Int { classes ?? 0 }
}

extension ApplicationSettings {
  /// The input's shape after Keras' checks.
  ///
  /// - Throws: `invalidArgument` for a shape the architecture or the weights cannot take.
  func checkedInputShape(
    defaultSize: Int, minimumSize: Int, default usual: Shape?, classifierTakesAnySize: Bool, publishedClasses: Int
  ) throws(KerasError) -> Shape {
    let isImageNet = weights == .imageNet
    let classes = classes ?? publishedClasses
    if isImageNet, includeTop, classes != publishedClasses {
      throw KerasError(
        .invalidArgument,
        "The published classifier names \(publishedClasses) classes, found classes: \(classes).",
        remedy: "use weights: .none, or start from the features with includeTop: false.")
    }
    guard classes > 0 else {
      throw KerasError(.invalidArgument, "Expected at least one class, found classes: \(classes).")
    }
    if includeTop, weights != .none, classifierActivation != .softmax, classifierActivation != .linear {
      throw KerasError(
        .invalidArgument,
        "Pretrained classifiers take the activation softmax or linear, found "
          + "\(classifierActivation.name).")
    }
    let asked = try askedShape()
    let channels = isImageNet ? 3 : asked.flatMap { $0.rank == 3 ? $0[2] : nil } ?? 3
    let ownShape: Shape = [defaultSize, defaultSize, channels]
    guard let shape = asked else { return usual ?? (includeTop ? ownShape : [nil, nil, 3]) }
    guard shape.rank == 3, let depth = shape[2], depth > 0, shape.allSatisfy({ $0 ?? 1 > 0 }) else {
      throw KerasError(
        .invalidArgument, "An input shape is [height, width, channels] with known channels, found \(shape).")
    }
    if isImageNet, includeTop, !classifierTakesAnySize, shape != ownShape {
      throw KerasError(
        .invalidArgument, "The published classifier takes images of shape \(ownShape), found \(shape).",
        remedy: "leave inputShape out, or start from the features with includeTop: false.")
    }
    if isImageNet, depth != 3 {
      throw KerasError(.invalidArgument, "The published weights take 3 channels, found \(depth).")
    }
    if !(isImageNet && includeTop) || classifierTakesAnySize,
      shape.dropLast().contains(where: { $0 ?? .max < minimumSize })
    {
      throw KerasError(
        .invalidArgument, "Images must be at least \(minimumSize) × \(minimumSize), found \(shape).")
    }
    if includeTop, !classifierTakesAnySize, shape.known == nil {
      throw KerasError(
        .invalidArgument, "A classifier needs a fixed input shape, found \(shape).",
        remedy: "give a height and a width, or use includeTop: false.")
    }
    return shape
  }

  /// The shape that was asked for: said, or that of the tensor the model stands on.
  private func askedShape() throws(KerasError) -> Shape? {
    guard let inputTensor else { return inputShape }
    if let error = inputTensor.error { throw error }
    let shape = Shape(Array(inputTensor.shape.dropFirst()))
    if let inputShape, inputShape != shape {
      throw KerasError(
        .invalidArgument, "The input tensor has pictures of shape \(shape), not \(inputShape).",
        remedy: "leave inputShape out.")
    }
    return shape
  }
}
