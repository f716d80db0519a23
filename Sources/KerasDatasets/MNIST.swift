import KerasCore
import KerasStore
import KerasWeights

/// 60,000 handwritten digits for training and 10,000 for tests, 28×28, as `keras.datasets.mnist`.
///
/// By Yann LeCun and Corinna Cortes, derived from NIST's; CC BY-SA 3.0.
public enum MNIST {
  /// - Parameter fileName: in `~/.keras/datasets`.
  /// - Returns: x `[samples, 28, 28]` and y `[samples]`, both uint8.
  /// - Throws: `network` where the file is not here and cannot be fetched, with its address and place;
  ///   `checksumMismatch`, `invalidFile`, `fileAccess`.
  public static func load(
    fileName: String = DatasetFiles.mnist.name, from store: WeightStore = WeightStore()
  ) throws(KerasError) -> Dataset {
    try read(store.path(for: DatasetFiles.mnist, name: fileName))
  }

  static func read(_ path: String) throws(KerasError) -> Dataset {
    let arrays = try PublishedArrays(path)
    return try Dataset(arrays["x_train"], arrays["y_train"], arrays["x_test"], arrays["y_test"])
  }
}

/// 60,000 pictures of clothes for training and 10,000 for tests, 28×28, as `keras.datasets.fashion_mnist`.
///
/// By Zalando SE; MIT licence.
public enum FashionMNIST {
  /// What the class numbers stand for.
  public static let classNames = [
    "T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot",
  ]

  /// - Returns: x `[samples, 28, 28]` and y `[samples]`, both uint8.
  /// - Throws: as ``MNIST/load(fileName:from:)``.
  public static func load(from store: WeightStore = WeightStore()) throws(KerasError) -> Dataset {
    let paths = try DatasetFiles.fashionMNIST.map { file throws(KerasError) in try store.path(for: file) }
    return try Dataset(
      IDXFile.tensor(paths[1], rank: 3), IDXFile.tensor(paths[0], rank: 1), IDXFile.tensor(paths[3], rank: 3),
      IDXFile.tensor(paths[2], rank: 1))
  }
}
