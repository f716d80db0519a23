/// One published file of a data set, as Keras fetches it.
public struct DatasetFile: Hashable, Sendable {
  /// The name in the cache, in ``folder``.
  public let name: String
  /// The folder of the cache.
  public let folder: String
  /// The official address.
  public let url: String
  /// The address below a mirror's base.
  public let mirrorPath: String
  /// The hash Keras checks; nil for files that Keras does not check.
  public let hash: FileHash?
  /// Names the same file has in caches of other versions of Keras.
  public let otherNames: [String]

  init(_ name: String, in folder: String = "datasets", url: String, hash: String?, otherNames: [String] = [])
  {
    self.name = name
    self.folder = folder
    self.url = url
    mirrorPath = "datasets/" + (url.split(separator: "/").last.map(String.init) ?? name)
    self.hash = hash.map { FileHash($0.count == 64 ? .sha256 : .md5, $0) }
    self.otherNames = otherNames
  }
}

/// The files of Keras' data sets: names, addresses and hashes of `keras.datasets`.
public enum DatasetFiles {
  private static let bucket = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

  /// Yann LeCun and Corinna Cortes, CC BY-SA 3.0.
  public static let mnist = DatasetFile(
    "mnist.npz", url: bucket + "mnist.npz",
    hash: "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1")

  /// Zalando SE, MIT; labels and pictures for training, then those for tests.
  public static let fashionMNIST = [
    "train-labels-idx1-ubyte.gz", "train-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
  ].map { DatasetFile($0, in: "datasets/fashion-mnist", url: bucket + $0, hash: nil) }

  public static let cifar10 = DatasetFile(
    "cifar-10-batches-py-target_archive", url: "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    hash: "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
    otherNames: ["cifar-10-batches-py.tar.gz", "cifar-10-python.tar.gz"])

  public static let cifar100 = DatasetFile(
    "cifar-100-python-target_archive", url: "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
    hash: "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
    otherNames: ["cifar-100-python.tar.gz"])

  public static let imdb = DatasetFile(
    "imdb.npz", url: bucket + "imdb.npz",
    hash: "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f")
  public static let imdbWordIndex = DatasetFile(
    "imdb_word_index.json", url: bucket + "imdb_word_index.json", hash: "bfafd718b763782e994055a2d397834f")

  public static let reuters = DatasetFile(
    "reuters.npz", url: bucket + "reuters.npz",
    hash: "d6586e694ee56d7a4e65172e12b3e987c03096cb01eab99753921ef915959916")
  public static let reutersWordIndex = DatasetFile(
    "reuters_word_index.json", url: bucket + "reuters_word_index.json",
    hash: "4d44cc38712099c9e383dc6e5f11a921")

  public static let bostonHousing = DatasetFile(
    "boston_housing.npz", url: bucket + "boston_housing.npz",
    hash: "f553886a1f8d56431e820c5b82552d9d95cfcb96d1e678153f8839538947dff5")
  public static let californiaHousing = DatasetFile(
    "california_housing.npz", url: bucket + "california_housing.npz",
    hash: "1a2e3a52e0398de6463aebe6f4a8da34fb21fbb6b934cf88c3425e766f2a1a6f")
}
