import KerasModels

/// Mean and deviation of ImageNet's colours, for models that preprocess pictures themselves.
enum ImageNetPreprocessing {
  /// Of pixels in 0…1; red, green, blue.
  static let mean = [0.485, 0.456, 0.406]
  static let deviation = [0.229, 0.224, 0.225]

  /// Pixels of 0…255 to 0…1, and of three colours then to mean 0 and deviation 1.
  static func normalized(_ image: SymbolicTensor) -> SymbolicTensor {
    let x = Rescaling(scale: 1 / 255)(image)
    return image.channels == 3 ? Normalization(mean: mean, variance: deviation.map { $0 * $0 }, axis: [3])(x) : x
  }
}
